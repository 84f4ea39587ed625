export default {
  async fetch(request: Request): Promise<Response> {
    const text = await request.text();
    return new Response(String(text.length));
  },
};

export function loader({ request }) {
  return { name: new URL(request.url).searchParams.get("name") ?? "you" };
}

export default function Page({ loaderData }) {
  return <h1>Hello, {loaderData.name}</h1>;
}

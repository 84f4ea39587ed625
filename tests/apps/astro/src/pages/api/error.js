export function GET() {
  throw new Error("thrown on purpose");
}

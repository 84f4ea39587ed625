export function loader() {
  throw new Error("thrown on purpose");
}

export default async function Page({ searchParams }) {
  const { name = "you" } = await searchParams;
  return <h1>Hello, {name}</h1>;
}

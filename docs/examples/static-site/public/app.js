const [input] = document.getElementsByTagName("input");
const [output] = document.getElementsByTagName("output");

input.onchange = async () => {
  const response = await fetch(`/api/greeting/${encodeURIComponent(input.value)}`);
  output.value = (await response.json()).greeting;
};

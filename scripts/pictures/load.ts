/** The numbers of clients, one after the other: the plots are to have something to show. */
const waves = [3, 8, 20, 12, 5, 30, 15];

/** How long one of them lasts, in milliseconds. */
const waveLength = 8000;

/** Sends requests until it is told to end, by more and fewer clients; one in a hundred fails. */
export async function load(url: string, ended: AbortSignal): Promise<void> {
  const began = performance.now();
  const client = async (number: number): Promise<void> => {
    while (!ended.aborted) {
      const wave = Math.floor((performance.now() - began) / waveLength);
      if (number < waves[wave % waves.length]!) {
        const path = Math.random() < 0.01 ? "/orders/7" : "/orders";
        await fetch(url + path).then((response) => response.arrayBuffer());
      }
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  };
  await Promise.all(Array.from({ length: Math.max(...waves) }, (_, number) => client(number)));
}

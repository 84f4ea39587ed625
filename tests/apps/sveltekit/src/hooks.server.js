// https://svelte.dev/docs/kit/adapter-node#Graceful-shutdown
process.on("sveltekit:shutdown", (reason) => console.log(`Goodbye after ${reason}`));

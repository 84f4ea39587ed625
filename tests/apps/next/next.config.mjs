/** `standalone`: a server.js with the packages that it needs, as for a container image. */
export default { output: "standalone", outputFileTracingRoot: import.meta.dirname };

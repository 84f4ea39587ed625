import { tanstackStart } from "@tanstack/react-start/plugin/vite";
import react from "@vitejs/plugin-react";
import { nitro } from "nitro/vite";
import { defineConfig } from "vite";

// Without Nitro, dist/server/server.js is a module with a fetch function.
const { NITRO_PRESET: preset } = process.env;
const servers = preset === undefined ? [] : [nitro({ output: { dir: `built/${preset}` } })];

export default defineConfig({ plugins: [tanstackStart(), ...servers, react()] });

import { tanstackStart } from "@tanstack/react-start/plugin/vite";
import react from "@vitejs/plugin-react";
import { nitro } from "nitro/vite";
import { defineConfig } from "vite";

const output = { dir: `built/${process.env.NITRO_PRESET}` };

export default defineConfig({ plugins: [tanstackStart(), nitro({ output }), react()] });

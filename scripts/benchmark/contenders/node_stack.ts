import { serve } from "@hono/node-server";
import { createLightship } from "lightship";
import { given } from "./given.ts";
import { honoApp } from "./hono_app.ts";

const lightship = await createLightship({ port: given.probePort, detectKubernetes: false });
const { fetch } = honoApp();
serve({ fetch, port: given.port, hostname: given.hostname });
lightship.signalReady();

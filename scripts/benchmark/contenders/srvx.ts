import { serve } from "srvx";
import { loggerMiddleware } from "srvx/log";
import { given, givenHandler } from "./given.ts";

const { fetch } = await givenHandler();
const middleware = given.accessLog ? [loggerMiddleware()] : [];
serve({ fetch, port: given.port, hostname: given.hostname, silent: true, middleware });

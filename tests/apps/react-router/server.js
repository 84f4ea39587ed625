/** A server of one's own, in place of react-router-serve. */
import { createRequestHandler } from "@react-router/express";
import express from "express";
import * as build from "./build/server/index.js";

const app = express();
app.disable("x-powered-by");
app.use(express.static("build/client"));
app.all("/{*path}", createRequestHandler({ build }));
app.listen(Number(process.env.PORT ?? 3000));

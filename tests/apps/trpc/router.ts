import { initTRPC, tracked, TRPCError } from "@trpc/server";
import { z } from "zod";
import { step } from "./steps.js";

const t = initTRPC.create({ isDev: false });

export const appRouter = t.router({
  hello: t.procedure.input(z.object({ name: z.string() })).query(({ input }) =>
    `hello ${input.name}`
  ),
  add: t.procedure.input(z.object({ name: z.string() })).mutation(({ input }) => ({ got: input })),
  slow: t.procedure.query(async () => {
    await step("/slow");
    return "slow";
  }),
  fail: t.procedure.query(() => {
    throw new Error("thrown by a procedure");
  }),
  teapot: t.procedure.query(() => {
    throw new TRPCError({ code: "FORBIDDEN", message: "not for you" });
  }),
  events: t.procedure.subscription(async function* () {
    yield tracked("1", "one");
    await step("/events#1");
    yield tracked("2", "two");
    await step("/events#2");
    yield tracked("3", "three");
  }),
});

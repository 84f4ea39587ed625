import { createServer } from "node:http";
import { createSchema, createYoga } from "graphql-yoga";
import { step } from "./steps.js";

const yoga = createYoga({
  logging: false,
  schema: createSchema({
    typeDefs: `
      type Query { hello(name: String!): String! fail: String! }
      type Mutation { add(number: Int!): Int! }
      type Subscription { count: Int! }
    `,
    resolvers: {
      Query: {
        hello: (_root, { name }) => `hello ${name}`,
        fail: () => {
          throw new Error("thrown by a resolver");
        },
      },
      Mutation: { add: (_root, { number }) => number + 1 },
      Subscription: {
        count: {
          async *subscribe() {
            yield { count: 1 };
            await step("/graphql#1");
            yield { count: 2 };
            await step("/graphql#2");
            yield { count: 3 };
          },
        },
      },
    },
  }),
  plugins: [{
    async onRequest({ url, fetchAPI, endResponse }) {
      if (url.pathname !== "/slow") return;
      await step("/slow");
      endResponse(new fetchAPI.Response("slow"));
    },
  }],
});

createServer(yoga).listen(process.env.PORT ?? 4000);

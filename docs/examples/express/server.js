import express from "express";

const app = express();
app.get("/", (request, response) => {
  response.json({ hello: request.query.name ?? "world" });
});

app.listen(process.env.PORT ?? 3000);

import express from "express";

const app = express();
app.get("/", (request, response) => {
  response.json({ hello: request.query.name ?? "world" });
});

const port = process.env.PORT ?? 3000;
app.listen(port, () => console.log(`Express listens on port ${port}`));

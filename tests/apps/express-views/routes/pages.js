const fs = require("node:fs");
const path = require("node:path");
const express = require("express");

const router = express.Router();

router.get("/", (request, response) => response.render("index", { name: request.query.name }));
router.get(
  "/pug",
  (request, response) => response.render("page.pug", { name: request.query.name }),
);
router.get("/cookies", (request, response) => response.json(request.cookies));
router.get(
  "/terms",
  (_request, response) => response.sendFile("terms.html", { root: `${__dirname}/../views` }),
);
router.get("/stream", (_request, response) => {
  fs.createReadStream(path.join(__dirname, "..", "public", "styles", "site.css"), "utf8").pipe(
    response,
  );
});
router.get("/slow", async (_request, response) => {
  const step = path.join(process.env.TEST_STEPS, encodeURIComponent("/slow"));
  while (!fs.existsSync(step)) await new Promise((resolve) => setTimeout(resolve, 5));
  response.send("slow");
});

module.exports = router;

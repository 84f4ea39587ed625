const path = require("node:path");
const cookieParser = require("cookie-parser");
const express = require("express");
const createError = require("http-errors");
const pages = require("./routes/pages");

const app = express();
app.set("views", path.join(__dirname, "views"));
app.set("view engine", "ejs");
app.use(cookieParser());
app.use(express.static(path.join(__dirname, "public")));
app.use("/", pages);
app.use((_request, _response, next) => next(createError(404)));
app.use((error, _request, response, _next) => {
  response.status(error.status || 500).render("error", { message: error.message });
});

module.exports = app;

import { index, route } from "@react-router/dev/routes";

export default [
  index("routes/page.jsx"),
  ...["greeting", "upload", "session", "slow", "stream", "error"].map((name) =>
    route(`api/${name}`, `routes/${name}.js`)
  ),
];

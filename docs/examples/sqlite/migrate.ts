/** Brings the database to the newest version, each step once. */
import { database } from "./database.ts";

const steps = [
  "create table todos (id integer primary key, title text not null) strict",
  "alter table todos add column done integer not null default 0",
];

// It keeps all others from writing: of two that migrate at once, the second finds nothing to do.
database.exec("begin immediate");
const version = Number(database.prepare("pragma user_version").get()?.user_version);
for (const step of steps.slice(version)) database.exec(step);
database.exec(`pragma user_version = ${Math.max(version, steps.length)}`);
database.exec("commit");
console.log(
  version < steps.length ? `from version ${version} to ${steps.length}` : "nothing to do",
);
database.close();

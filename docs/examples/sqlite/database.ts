/** The database of a pod; `DATABASE` names its file, on a volume where it shall outlive the pod. */
import process from "node:process";
import { DatabaseSync } from "node:sqlite";

export const database = new DatabaseSync(process.env.DATABASE ?? "todos.db");
// Readers do not wait for a writer, and a writer waits for another one: there may be two processes
// for a moment, when a worker is replaced.
database.exec("pragma journal_mode = wal; pragma busy_timeout = 5000");

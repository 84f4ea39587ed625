import { Module } from "@nestjs/common";
import { AppController } from "./app.controller.ts";
import { Greetings } from "./greetings.ts";

@Module({ controllers: [AppController], providers: [Greetings] })
export class AppModule {}

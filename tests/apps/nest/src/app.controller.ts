/** Nest knows what to inject, and what a body is, by the metadata of decorators alone. */
import {
  Body,
  Controller,
  Get,
  Header,
  HttpCode,
  Post,
  Query,
  Req,
  Res,
  Sse,
} from "@nestjs/common";
import type { MessageEvent } from "@nestjs/common";
import type { IncomingMessage } from "node:http";
import { concatMap, from, type Observable } from "rxjs";
import { step } from "../steps.js";
import { Greetings } from "./greetings.ts";

/** The part of Express's response that is used. */
interface Response {
  cookie(name: string, value: string): void;
  redirect(status: number, to: string): void;
}

class Greeted {
  name!: string;
}

@Controller()
export class AppController {
  constructor(private readonly greetings: Greetings) {}

  @Get()
  @Header("content-type", "text/html; charset=utf-8")
  page(@Query("name") name: string): string {
    return `<!doctype html><title>Nest</title><h1>Hello, ${name}</h1>`;
  }

  @Get("api/greeting")
  greeting(@Query("name") name: string): { greeting: string } {
    return this.greetings.greet(name);
  }

  @Post("api/greeting")
  greet(@Body() { name }: Greeted): { greeting: string } {
    return this.greetings.greet(name);
  }

  @Post("api/upload")
  @HttpCode(200)
  async upload(@Req() request: IncomingMessage): Promise<{ length: number }> {
    let length = 0;
    for await (const chunk of request) length += chunk.length;
    return { length };
  }

  @Post("api/session")
  session(@Res() response: Response): void {
    response.cookie("one", "1");
    response.cookie("two", "2");
    response.redirect(303, "/");
  }

  @Sse("api/stream")
  stream(): Observable<MessageEvent> {
    return from(["one", "two", "three"]).pipe(concatMap(async (data, index) => {
      if (index > 0) await step(`/api/stream#${index}`);
      return { data };
    }));
  }

  @Get("api/slow")
  async slow(): Promise<string> {
    await step("/api/slow");
    return "slow";
  }

  @Get("api/error")
  error(): never {
    throw new Error("thrown on purpose");
  }
}

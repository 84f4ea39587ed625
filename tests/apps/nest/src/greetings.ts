import { type BeforeApplicationShutdown, Injectable } from "@nestjs/common";

@Injectable()
export class Greetings implements BeforeApplicationShutdown {
  greet(name: string): { greeting: string } {
    return { greeting: `Hello, ${name}` };
  }

  beforeApplicationShutdown(signal?: string): void {
    console.log(`Goodbye after ${signal}`);
  }
}

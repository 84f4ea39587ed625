import { Injectable } from "@nestjs/common";

@Injectable()
export class Greetings {
  greet(name: string): { greeting: string } {
    return { greeting: `Hello, ${name}` };
  }
}

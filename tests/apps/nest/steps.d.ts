export function step(name: string): Promise<void>;

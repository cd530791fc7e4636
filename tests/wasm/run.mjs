// Runs the module, and prints the text that it made.
import { readFile } from 'node:fs/promises';

const { instance } = await WebAssembly.instantiate(await readFile(process.argv[2]));
const { run, length, memory } = instance.exports;
const start = run();
process.stdout.write(new TextDecoder().decode(new Uint8Array(memory.buffer, start, length())));

// Plain JavaScript, so that the process has done nothing else, not even stripped types, when the clock starts.
const start = performance.now();
await import(process.argv[2]);
process.send(performance.now() - start);

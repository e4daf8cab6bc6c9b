// Invokes a bundle's handler again and again; sends the CPU time per invocation in microseconds, and the last answer's status.
const [file, event, warmUp, rounds] = process.argv.slice(2);
const { handler } = await import(file);
const context = { getRemainingTimeInMillis: () => 10_000, functionName: 'bench', awsRequestId: 'bench' };
let answer;
for (let round = 0; round < Number(warmUp); round++) answer = await handler(JSON.parse(event), context);
const before = process.cpuUsage();
for (let round = 0; round < Number(rounds); round++) answer = await handler(JSON.parse(event), context);
const { user, system } = process.cpuUsage(before);
process.send({ microseconds: (user + system) / Number(rounds), status: answer.statusCode, bytes: answer.body.length });

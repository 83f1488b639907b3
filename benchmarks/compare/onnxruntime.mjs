// Runs ONNX models for Compare: one JSON request a line on standard input, one JSON answer a line on standard output.
// Tensors travel as files of raw little-endian numbers.
import { readFileSync, writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import ort from 'onnxruntime-node';

const arrays = { float32: Float32Array, uint8: Uint8Array };
const models = new Map();

const commands = {
  version: async () => ({ version: ort.env.versions.node }),

  load: async ({ model, path }) => {
    const session = await ort.InferenceSession.create(path, {
      executionProviders: ['cpu'],
      executionMode: 'sequential',
      graphOptimizationLevel: 'all',
      intraOpNumThreads: 1,
      interOpNumThreads: 1,
      logSeverityLevel: 3,
    });
    models.set(model, { session, inputs: {} });
  },

  feed: async ({ model, input, type, sides, path }) => {
    const { buffer, byteOffset, byteLength } = readFileSync(path);
    const data = new arrays[type](buffer.slice(byteOffset, byteOffset + byteLength));
    models.get(model).inputs[input] = new ort.Tensor(type, data, sides);
  },

  time: async ({ model }) => {
    const { session, inputs } = models.get(model);
    const start = process.hrtime.bigint();
    await session.run(inputs);
    return { milliseconds: Number(process.hrtime.bigint() - start) / 1e6 };
  },

  run: async ({ model, folder }) => {
    const { session, inputs } = models.get(model);
    const results = await session.run(inputs);
    return {
      outputs: Object.entries(results).map(([name, { data }], i) => {
        const path = `${folder}/output${i}`;
        writeFileSync(path, new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
        return { name, path };
      }),
    };
  },

  unload: async ({ model }) => {
    await models.get(model).session.release();
    models.delete(model);
  },
};

for await (const line of createInterface({ input: process.stdin })) {
  const { command, ...request } = JSON.parse(line);
  let answer;
  try {
    answer = (await commands[command](request)) ?? {};
  } catch (error) {
    answer = { error: error.message };
  }
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}

import { readFileSync } from 'node:fs';

/** The curve of a training, as `make/train_model.py` and `make/train_adapter.py` write it. */
export type Curve = {
  config: { layers: number; dimensions: number; attention_heads: number; parameters: number };
  dataset: { text: string };
  epochs: { epoch: number; step: number; train_loss: number; val_loss: number; val_accuracy: number }[];
  steps: { step: number; train_loss: number }[];
};

/** A question with its embedding, and the chunk that has to be among the `k` nearest. */
export type Query = {
  query: string;
  embedding: string;
  k: number;
  expected: { content: string; metadata: { section: string } };
};

/** An adapter's configuration as PEFT writes it. */
export type AdapterConfig = {
  r: number;
  lora_alpha: number;
  lora_dropout: number;
  target_modules: string[];
  base_model_name_or_path: string;
};

/** A file of this folder, which the scripts beside it wrote in the form that is asked for. */
export const readJson = <Type>(path: string): Type => JSON.parse(readFileSync(path, 'utf8'));

export function adapterConfig(path: string): AdapterConfig {
  const { r, lora_alpha, lora_dropout, target_modules, base_model_name_or_path } = readJson<AdapterConfig>(path);
  return { r, lora_alpha, lora_dropout, target_modules, base_model_name_or_path };
}

/** The numbers of a vector in base64 of little-endian float32. */
export function decodeEmbedding(base64: string): Float32Array {
  const bytes = Buffer.from(base64, 'base64');
  return Float32Array.from({ length: bytes.length / 4 }, (_, at) => bytes.readFloatLE(at * 4));
}

export function epochsOf({ epochs }: Curve) {
  return {
    steps: Float64Array.from(epochs, (one) => one.epoch),
    trainLoss: Float64Array.from(epochs, (one) => one.train_loss),
    valLoss: Float64Array.from(epochs, (one) => one.val_loss),
    valAccuracy: Float64Array.from(epochs, (one) => one.val_accuracy),
  };
}

type Tensors = Readonly<Record<string, { dtype: 'F16' | 'F32'; shape: number[] }>>;

/** A safetensors file of zeros. */
export function aSafetensors(tensors: Tensors, metadata?: Record<string, string>): Uint8Array<ArrayBuffer> {
  let offset = 0;
  const header: Record<string, unknown> = metadata ? { __metadata__: metadata } : {};
  for (const [name, { dtype, shape }] of Object.entries(tensors)) {
    const bytes = shape.reduce((product, size) => product * size, 1) * (dtype === 'F16' ? 2 : 4);
    header[name] = { dtype, shape, data_offsets: [offset, offset + bytes] };
    offset += bytes;
  }
  return withHeader(JSON.stringify(header), offset);
}

/** Bytes that begin with any header. */
export function withHeader(header: string, dataBytes: number): Uint8Array<ArrayBuffer> {
  const text = Buffer.from(header);
  const file = new Uint8Array(8 + text.length + dataBytes);
  new DataView(file.buffer).setBigUint64(0, BigInt(text.length), true);
  file.set(text, 8);
  return file;
}

/** LoRA pairs as PEFT names them, of width 8. */
export function anAdapter(targets: readonly string[], rank: number, salt = ''): Uint8Array<ArrayBuffer> {
  const pairs = targets.flatMap((target): [string, Tensors[string]][] => [
    [`base_model.model.layers.0.${target}.lora_A.weight`, { dtype: 'F16', shape: [rank, 8] }],
    [`base_model.model.layers.0.${target}.lora_B.weight`, { dtype: 'F16', shape: [8, rank] }],
  ]);
  return aSafetensors(Object.fromEntries(pairs), { format: 'pt', salt });
}

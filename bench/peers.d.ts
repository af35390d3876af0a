// The libraries measured against are installed in this folder only; the types of the rest of the repository do not wait
// for that install, so what the harness uses of them is written here.
declare module '@tensorflow/tfjs-backend-wasm' {
  export function setWasmPaths(folder: string): void
}

declare module '@jax-js/jax' {
  /** A use consumes it; `ref` is one more use. */
  export interface Array {
    readonly ref: Array
    dispose(): void
    reshape(shape: readonly number[]): Array
    add(other: Array | number): Array
    sub(other: Array | number): Array
    mul(other: Array | number): Array
    sum(): Array
    mean(): Array
    slice(...index: readonly number[]): Array
    dataSync(): Float32Array
  }
  type Tree = Array | readonly Tree[]

  export function init(...devices: string[]): Promise<string[]>
  export function defaultDevice(device: string): string
  export function jit<A extends readonly Tree[], R extends Tree>(f: (...args: A) => R): (...args: A) => R
  export function grad(f: (x: Array) => Array): (x: Array) => Array
  export function valueAndGrad<P extends Tree, A extends readonly Tree[]>(
    f: (parameters: P, ...args: A) => Array,
  ): (parameters: P, ...args: A) => [Array, P]
  export const tree: { ref<T extends Tree>(value: T): T }
  export const numpy: {
    array(values: Float32Array | Int32Array): Array
    zeros(shape: readonly number[]): Array
    take(x: Array, indices: Array, axis: number): Array
    split(x: Array, parts: number, axis: number): Array[]
    dot(a: Array, b: Array): Array
    matmul(a: Array, b: Array): Array
    tanh(x: Array): Array
    square(x: Array): Array
    max(x: Array): Array
  }
  export const lax: {
    conv(x: Array, kernel: Array, strides: readonly number[], padding: 'SAME' | 'VALID'): Array
    reduceWindow(x: Array, reduce: (part: Array) => Array, size: readonly number[], strides: readonly number[]): Array
  }
  export const nn: {
    relu(x: Array): Array
    sigmoid(x: Array): Array
    logSoftmax(x: Array, axis: number): Array
  }
}

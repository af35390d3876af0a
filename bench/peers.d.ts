// The libraries measured against are installed in this folder only; the types of the rest of the repository do not wait
// for that install, so what the harness uses of them is written here.
declare module '@tensorflow/tfjs' {
  export interface Tensor {
    dataSync(): Float32Array
    dispose(): void
  }
  export type Variable = Tensor & { readonly trainable: boolean }
  type Operand = Tensor | number

  export function env(): { getAsync(flag: string): Promise<boolean> }
  export function setBackend(name: string): Promise<boolean>
  export function ready(): Promise<void>
  export function enableProdMode(): void
  export function tensor(
    values: Float32Array | Int32Array,
    shape: readonly number[],
    dtype?: 'float32' | 'int32',
  ): Tensor
  export function variable(first: Tensor): Variable
  export function zeros(shape: readonly number[]): Tensor
  export function tidy<T>(run: () => T): T
  export function grad(f: (x: Tensor) => Tensor): (x: Tensor) => Tensor

  export function add(a: Operand, b: Operand): Tensor
  export function sub(a: Operand, b: Operand): Tensor
  export function mul(a: Operand, b: Operand): Tensor
  export function matMul(a: Tensor, b: Tensor): Tensor
  export function transpose(x: Tensor): Tensor
  export function reshape(x: Tensor, shape: readonly number[]): Tensor
  export function split(x: Tensor, parts: number, axis: number): Tensor[]
  export function unstack(x: Tensor, axis: number): Tensor[]
  export function gather(x: Tensor, indices: Tensor, axis: number): Tensor
  export function scatterND(indices: Tensor, updates: Tensor, shape: readonly number[]): Tensor
  export function slice(x: Tensor, begin: readonly number[], size: readonly number[]): Tensor
  export function conv2d(x: Tensor, filter: Tensor, strides: number, pad: 'same' | 'valid'): Tensor
  export function maxPool(x: Tensor, size: number, strides: number, pad: 'same' | 'valid'): Tensor
  export function square(x: Tensor): Tensor
  export function tanh(x: Tensor): Tensor
  export function sigmoid(x: Tensor): Tensor
  export function relu(x: Tensor): Tensor
  export function mean(x: Tensor): Tensor

  export function unregisterGradient(kernelName: string): void
  export function registerGradient(config: {
    kernelName: string
    inputsToSave: readonly string[]
    gradFunc(dy: Tensor, saved: readonly Tensor[]): Record<string, () => Tensor>
  }): void

  export const losses: { softmaxCrossEntropy(labels: Tensor, logits: Tensor): Tensor }
  export const train: {
    sgd(learningRate: number): {
      minimize(loss: () => Tensor, returnCost: boolean, variables: readonly Variable[]): Tensor | null
    }
  }
}

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

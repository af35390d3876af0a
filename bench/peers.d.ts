// The libraries measured against are installed in this folder only; the types of the rest of the repository do not wait
// for that install, so what the harness uses of them is written here.
declare module '@tensorflow/tfjs' {
  export interface Tensor {
    dataSync(): Float32Array
    dispose(): void
  }
  export type Variable = Tensor & { readonly trainable: boolean }
  type Operand = Tensor | number

  export function setBackend(name: string): Promise<boolean>
  export function ready(): Promise<void>
  export function enableProdMode(): void
  export function tensor(values: Float32Array, shape: readonly number[]): Tensor
  export function variable(first: Tensor): Variable
  export function tidy<T>(run: () => T): T
  export function grad(f: (x: Tensor) => Tensor): (x: Tensor) => Tensor

  export function add(a: Operand, b: Operand): Tensor
  export function sub(a: Operand, b: Operand): Tensor
  export function mul(a: Operand, b: Operand): Tensor
  export function matMul(a: Tensor, b: Tensor): Tensor
  export function square(x: Tensor): Tensor
  export function tanh(x: Tensor): Tensor
  export function sigmoid(x: Tensor): Tensor
  export function relu(x: Tensor): Tensor
  export function mean(x: Tensor): Tensor

  export const losses: { softmaxCrossEntropy(labels: Tensor, logits: Tensor): Tensor }
  export const train: {
    sgd(learningRate: number): {
      minimize(loss: () => Tensor, returnCost: boolean, variables: readonly Variable[]): Tensor | null
    }
  }
}

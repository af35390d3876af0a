import { type Case, pending } from '../case'

export const cases: readonly Case[] = [
  pending('RNN-1', 'LSTM'),
  pending('RNN-2', 'LSTM and the import of weights'),
  pending('RNN-4', 'GRU'),
  pending('RNN-5', 'recurrent layers with a mask'),
  pending('RNN-7', 'stateful recurrent layers'),
]

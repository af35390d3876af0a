import { type Case, pending } from '../case'

export const cases: readonly Case[] = [
  pending('ZER-1', 'prod'),
  pending('ZER-2', 'cumprod'),
  pending('ZER-4', 'the L2 norm'),
  pending('ZER-6', 'pow with a tensor as exponent'),
  pending('ZER-7', 'pow with a tensor as exponent'),
  pending('ZER-9', 'variance and standard deviation'),
]

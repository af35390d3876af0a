import { type Case, pending } from '../case'

export const cases: readonly Case[] = [
  pending('GEO-1', 'convolution'),
  pending('GEO-2', 'convolution'),
  pending('GEO-5', 'convolution'),
  pending('GEO-6', 'transposed convolution'),
  pending('GEO-7', 'average-pooling'),
  pending('GEO-8', 'max-pooling'),
  pending('GEO-10', 'convolution'),
  pending('GEO-11', 'convolution'),
]

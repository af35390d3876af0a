import { type Case, pending } from '../case'

export const cases: readonly Case[] = [
  pending('IDX-1', 'gather'),
  pending('IDX-3', 'gather and embedding'),
  pending('IDX-5', 'segmentSum'),
]

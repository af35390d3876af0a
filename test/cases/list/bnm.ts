import { type Case, pending } from '../case'

export const cases: readonly Case[] = [pending('BNM-1', 'batch normalisation'), pending('BNM-2', 'batch normalisation')]

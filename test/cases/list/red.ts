import { entry, sum, tensor } from 'gradloom'
import { type Case, numeric } from '../case'
import { exact, within } from '../expect'

const TEN_MILLION = 10_000_000
const BEYOND = 2 ** 24 + 2 ** 20

const total = (size: number) => entry({ x: tensor([size]) }, ({ x }) => ({ outputs: { y: sum(x) } }))

export const cases: readonly Case[] = [
  numeric('RED-1', {
    dtypes: ['float32'],
    build: () => ({ small: total(TEN_MILLION), large: total(BEYOND) }),
    drive: (session) => {
      const ones = new Float32Array(BEYOND).fill(1)
      return {
        small: session.run('small', { x: ones.subarray(0, TEN_MILLION) })['y']!,
        large: session.run('large', { x: ones })['y']!,
      }
    },
    expected: { small: exact(TEN_MILLION), large: exact(BEYOND) },
  }),
  numeric('RED-2', {
    dtypes: ['float32'],
    build: () => total(TEN_MILLION),
    feeds: () => ({ x: new Float32Array(TEN_MILLION).fill(0.1) }),
    expected: { y: within(1000000.0149011612, 1e-6) },
  }),
]

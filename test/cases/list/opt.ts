import {
  adam,
  adamw,
  entry,
  mul,
  rmsprop,
  sgd,
  add,
  square,
  tensor,
  type Tensor,
  variable,
  type Variable,
} from 'gradloom'
import { type Case, type Check, numeric } from '../case'
import { type Expected, type Float, mismatch, numbersOf, type Results } from '../expect'
import type { Session } from '../modes'
import type { Entry, Update } from 'gradloom'

type Rule = (loss: Tensor<[]>, variables: readonly Variable[]) => readonly Update[]

/** One parameter under a loss p * g, so that what is fed as g is the gradient. */
function stepper(dtype: Float, p: number, rule: Rule): Entry {
  const parameter = variable('p', [], p, { dtype })
  return entry({ g: tensor([], dtype) }, ({ g }) => ({ outputs: {}, updates: rule(mul(parameter, g), [parameter]) }))
}

/** The parameter after each of the gradients. */
const trajectory =
  (gradients: readonly number[]) =>
  (session: Session): Results => ({
    p: gradients.map((g) => {
      session.run('main', { g })
      return numbersOf(session.state.get('p'))[0]!
    }),
  })

const ADAM = { learningRate: 1e-3, beta1: 0.9, beta2: 0.999, epsilon: 1e-3 } as const
const PAPER = [-0.0009090909090909092, -0.0005647614233688857]
const KERAS = [-0.00024025307335204222, -0.00008861691119451374]

function eitherOf(choices: readonly Expected[], { p }: Results, check: Check): void {
  const wrong = choices.map((choice) => mismatch('p', p, choice, 'float32'))
  check(wrong.includes(undefined), `the default is neither: ${wrong.join(' and ')}`)
}

export const cases: readonly Case[] = [
  {
    id: 'OPT-1',
    run: async (trial) => {
      const drive = trajectory([0.01, -0.02])
      for (const [epsilonPlacement, p] of [
        ['paper', PAPER],
        ['keras', KERAS],
      ] as const) {
        await trial.numeric({
          build: (dtype) => stepper(dtype, 0, (loss, all) => adam(loss, all, { ...ADAM, epsilonPlacement })),
          drive,
          expected: { p },
        })
      }
      await trial.numeric({
        build: (dtype) => stepper(dtype, 0, (loss, all) => adam(loss, all, ADAM)),
        drive,
        check: (results, check) => eitherOf([PAPER, KERAS], results, check),
      })
    },
  },
  {
    id: 'OPT-3',
    run: async (trial) => {
      await trial.numeric({
        build: (dtype) =>
          stepper(dtype, 10, (loss, all) => rmsprop(loss, all, { learningRate: 0.1, rho: 0.9, epsilon: 1e-7 })),
        drive: trajectory([10]),
        expected: { p: [9.683772235564302] },
      })
      trial.note('epsilon inside the root')
      await trial.numeric({
        build: (dtype) =>
          stepper(dtype, 1, (loss, all) => rmsprop(loss, all, { learningRate: 0.1, rho: 0.9, epsilon: 0.1 })),
        drive: trajectory([0.1, 0.2]),
        expected: { p: [0.9685341612236223, 0.9067834091141785] },
      })
    },
  },
  {
    id: 'OPT-5',
    run: async (trial) => {
      for (const [nesterov, p] of [
        [false, [-0.1, -0.29]],
        [true, [-0.19, -0.461]],
      ] as const) {
        await trial.numeric({
          build: (dtype) =>
            stepper(dtype, 0, (loss, all) => sgd(loss, all, { learningRate: 0.1, momentum: 0.9, nesterov })),
          drive: trajectory([1, 1]),
          expected: { p },
        })
      }
    },
  },
  numeric('OPT-6', {
    build: (dtype) => {
      const decoupled = variable('decoupled', [], 1, { dtype })
      const inside = variable('inside', [], 1, { dtype })
      const options = { learningRate: 0.1, epsilon: 1e-7, epsilonPlacement: 'paper' } as const
      return entry({ g: tensor([], dtype) }, ({ g }) => ({
        outputs: {},
        updates: [
          ...adamw(mul(decoupled, g), [decoupled], { ...options, weightDecay: 0.1 }),
          ...adam(add(mul(inside, g), mul(0.05, square(inside))), [inside], options),
        ],
      }))
    },
    drive: (session) => {
      session.run('main', { g: 0 })
      return { decoupled: session.state.get('decoupled'), inside: session.state.get('inside') }
    },
    expected: { decoupled: 0.99, inside: 0.9000000999999 },
  }),
]

// A start, a treasure, walls that cannot be entered and a pit that ends a play.
const MAP = [
  '.....', //
  '.##..',
  '...#.',
  '.#...',
  '.#.o.',
].join('')
const SIDE = 5
export const FIELDS = SIDE * SIDE
/** Up, right, down, left. */
export const ACTIONS = 4
const STEPS = [[-1, 0], [0, 1], [1, 0], [0, -1]] as const // prettier-ignore
const [TREASURE, PIT, MOVE] = [1, -1, -0.04]

/** Fields by their place on the map, row by row: where one is and where the treasure is. */
export interface Task {
  readonly at: number
  readonly treasure: number
}
export interface Outcome {
  readonly after: Task
  readonly reward: number
  readonly isOver: boolean
}

const FREE = Array.from({ length: FIELDS }, (_, field) => field).filter((field) => MAP[field] === '.')
/** Every pair of different free fields. */
export const TASKS: readonly Task[] = FREE.flatMap((at) =>
  FREE.filter((field) => field !== at).map((treasure) => ({ at, treasure })),
)
export const newTask = (random: () => number): Task => TASKS[Math.floor(random() * TASKS.length)]!

/** A move costs a little; into a wall or off the map one stays. */
export function move({ at, treasure }: Task, action: number): Outcome {
  const [down, right] = STEPS[action]!
  const [row, column] = [Math.floor(at / SIDE) + down, (at % SIDE) + right]
  const isInside = row >= 0 && row < SIDE && column >= 0 && column < SIDE
  const to = isInside && MAP[row * SIDE + column] !== '#' ? row * SIDE + column : at
  const reward = MOVE + (to === treasure ? TREASURE : MAP[to] === 'o' ? PIT : 0)
  return { after: { at: to, treasure }, reward, isOver: to === treasure || MAP[to] === 'o' }
}

/** Tasks for a network, 50 numbers each: a 1 where one is and a 1 where the treasure is. */
export function encode(tasks: readonly Task[]): Float32Array {
  const rows = new Float32Array(tasks.length * 2 * FIELDS)
  tasks.forEach(({ at, treasure }, i) => {
    rows[i * 2 * FIELDS + at] = 1
    rows[i * 2 * FIELDS + FIELDS + treasure] = 1
  })
  return rows
}

/** What the shortest way brings in, found by going everywhere, nearest fields first. */
export function bestReturn(task: Task): number {
  const seen = new Set([task.at])
  let [edge, moves] = [[task.at], 0]
  while (!edge.includes(task.treasure)) {
    edge = edge.flatMap((at) =>
      STEPS.flatMap((_, action) => {
        const { after, isOver } = move({ at, treasure: task.treasure }, action)
        if (seen.has(after.at) || (isOver && after.at !== task.treasure)) return []
        seen.add(after.at)
        return [after.at]
      }),
    )
    moves++
  }
  return TREASURE + moves * MOVE
}

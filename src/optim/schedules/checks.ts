import { checkNumber } from '../../api/build'

/** Every named option is a finite number. */
export function checkFinite(factory: string, options: Readonly<Record<string, unknown>>): void {
  for (const [name, value] of Object.entries(options))
    checkNumber(factory, name, value, Number.isFinite, 'a finite number')
}

/** Every named option is a count of steps, above 0. */
export function checkSteps(factory: string, options: Readonly<Record<string, unknown>>): void {
  for (const [name, value] of Object.entries(options))
    checkNumber(factory, name, value, (v) => Number.isFinite(v) && v > 0, 'a finite number above 0')
}

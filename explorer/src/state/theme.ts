import { effect, signal } from '@preact/signals'

export type Theme = 'light' | 'dark'
const KEY = 'gradloom-explorer-theme'

const kept = (): Theme | undefined => {
  try {
    const value = localStorage.getItem(KEY)
    return value === 'light' || value === 'dark' ? value : undefined
  } catch {
    // Where nothing may be kept.
    return undefined
  }
}

const dark = matchMedia('(prefers-color-scheme: dark)')
/** As the system has it until the user says otherwise. */
export const theme = signal<Theme>(kept() ?? (dark.matches ? 'dark' : 'light'))
dark.addEventListener('change', () => {
  if (kept() === undefined) theme.value = dark.matches ? 'dark' : 'light'
})
effect(() => {
  document.documentElement.dataset['theme'] = theme.value
})

export function turnTheme(): void {
  theme.value = theme.value === 'dark' ? 'light' : 'dark'
  try {
    localStorage.setItem(KEY, theme.value)
  } catch {
    // It holds for this visit then.
  }
}

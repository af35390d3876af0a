import { useEffect, useState } from 'preact/hooks'

/** Colours of the page for what is drawn on a canvas. */
export interface Palette {
  readonly ink: string
  readonly soft: string
  readonly line: string
  readonly sheet: string
  readonly first: string
  readonly firstGround: string
  readonly second: string
  readonly secondGround: string
}

const NAMES: Readonly<Record<keyof Palette, string>> = {
  ink: '--ink',
  soft: '--soft',
  line: '--line',
  sheet: '--sheet',
  first: '--forward',
  firstGround: '--forward-ground',
  second: '--backward',
  secondGround: '--backward-ground',
}

function read(): Palette {
  const style = getComputedStyle(document.documentElement)
  return Object.fromEntries(
    Object.entries(NAMES).map(([key, name]) => [key, style.getPropertyValue(name).trim() || '#808080']),
  ) as unknown as Palette
}

/** The colours as they are, also after the page has changed from light to dark. */
export function usePalette(): Palette {
  const [palette, set] = useState(read)
  useEffect(() => {
    const update = (): void => set(read())
    const observer = new MutationObserver(update)
    observer.observe(document.documentElement, { attributes: true })
    const scheme = matchMedia('(prefers-color-scheme: dark)')
    scheme.addEventListener('change', update)
    return () => {
      observer.disconnect()
      scheme.removeEventListener('change', update)
    }
  }, [])
  return palette
}

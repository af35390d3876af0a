import { zeroPadding } from '../api/image'
import { defineLayer } from './layer'
import { requireRank } from './rank'
import { borders, dataFormat } from './window-options'

const zeroPad = (rank: 1 | 2 | 3) =>
  defineLayer({
    className: `ZeroPadding${rank}D`,
    name: `zero_padding${rank}d`,
    options: { padding: borders(rank, 1), dataFormat: dataFormat() },
    call([x], o) {
      requireRank(`ZeroPadding${rank}D`, x!, rank + 2)
      return zeroPadding(x!, o.padding, { dataFormat: o.dataFormat })
    },
  })

/** Sequences with zeros before and behind their steps. */
export const zeroPadding1d = zeroPad(1)
/** Images with zeros around them. */
export const zeroPadding2d = zeroPad(2)
/** Volumes with zeros around them. */
export const zeroPadding3d = zeroPad(3)

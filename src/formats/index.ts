// What the entry gradloom/formats exports: arrays and data in files.
export { FormatError } from './error'
export { decodeIdx, encodeIdx, readIdx } from './idx'
export { type DeflateLevel, gunzip, gzip, type InflateOptions } from './inflate'
export { decodeNpy, encodeNpy } from './npy'
export { decodeNpz, encodeNpz } from './npz'
export { decodeSafetensors, encodeSafetensors } from './safetensors'
export type { StoredTensor } from './stored-tensor'
export { openZip, readZip, writeZip, type ZipFile, type ZipOptions } from './zip'
export { csv, type CsvOptions, type ChunkReader, type ChunkStream, type CsvSource, readCsv } from './csv'
export type { CsvColumn, CsvColumns, CsvRow, CsvTable } from './csv-columns'
export {
  deleteBytes,
  downloadBytes,
  fromBlob,
  getBytes,
  listBytes,
  putBytes,
  type StoredBytes,
  toBlob,
  type HostBlob,
} from './storage'

import type { Json } from '../api/types.ts'

/**
 * The part of JSON Schema that forms are made from: what Pydantic writes, and what people write by hand. A schema that
 * says more than this is still right; its field is then a piece of JSON, and the server checks the rest.
 */
export type Schema = { [key: string]: Json }
export type Shape =
  | { kind: 'text'; isLong: boolean; format: string | null }
  | { kind: 'number'; isWhole: boolean; minimum: number | null; maximum: number | null }
  | { kind: 'boolean' }
  | { kind: 'choice'; values: Json[] }
  | { kind: 'object'; fields: Field[]; isOpen: boolean }
  | { kind: 'list'; item: Schema }
  | { kind: 'any' }
export type Field = { name: string; label: string; about: string; isRequired: boolean; initial: Json | undefined; schema: Schema }

const isSchema = (value: Json | undefined): value is Schema => typeof value === 'object' && value !== null && !Array.isArray(value)
const numberAt = (schema: Schema, name: string): number | null => (typeof schema[name] === 'number' ? schema[name] : null)
const textAt = (schema: Schema, name: string): string => (typeof schema[name] === 'string' ? schema[name] : '')

/** What kind of field a schema asks for. `root` is where `#/$defs/…` leads. */
export function shapeOf(schema: Schema, root: Schema): Shape {
  const plain = resolve(schema, root)
  if (Array.isArray(plain['enum'])) return { kind: 'choice', values: plain['enum'] }
  if ('const' in plain && plain['const'] !== undefined) return { kind: 'choice', values: [plain['const']] }
  switch (typeOf(plain)) {
    case 'string':
      return { kind: 'text', isLong: textAt(plain, 'format') === 'textarea' || (numberAt(plain, 'maxLength') ?? 0) > 500, format: textAt(plain, 'format') || null }
    case 'integer':
    case 'number':
      return { kind: 'number', isWhole: typeOf(plain) === 'integer', minimum: numberAt(plain, 'minimum') ?? numberAt(plain, 'exclusiveMinimum'), maximum: numberAt(plain, 'maximum') ?? numberAt(plain, 'exclusiveMaximum') }
    case 'boolean':
      return { kind: 'boolean' }
    case 'object':
      return objectShape(plain, root)
    case 'array':
      return { kind: 'list', item: isSchema(plain['items']) ? plain['items'] : {} }
    default:
      return { kind: 'any' }
  }
}

function objectShape(schema: Schema, root: Schema): Shape {
  const properties = isSchema(schema['properties']) ? schema['properties'] : {}
  const required = Array.isArray(schema['required']) ? schema['required'] : []
  const fields = Object.entries(properties).map(([name, own]): Field => {
    const field = isSchema(own) ? own : {}
    const plain = resolve(field, root)
    return { name, label: textAt(field, 'title') || textAt(plain, 'title') || wordsOf(name), about: textAt(field, 'description') || textAt(plain, 'description'), isRequired: required.includes(name), initial: field['default'] ?? plain['default'], schema: field }
  })
  const extra = schema['additionalProperties']
  return { kind: 'object', fields, isOpen: extra === true || isSchema(extra) || (extra === undefined && fields.length === 0) }
}

/** The schema without references, and without the `or null` of something optional. */
function resolve(schema: Schema, root: Schema, depth = 0): Schema {
  const reference = textAt(schema, '$ref')
  if (reference !== '' && depth < 20) {
    const found = reference.startsWith('#/') ? at(root, reference.slice(2).split('/')) : undefined
    return isSchema(found) ? resolve({ ...found, ...without(schema, '$ref') }, root, depth + 1) : {}
  }
  for (const word of ['anyOf', 'oneOf', 'allOf']) {
    const ways = schema[word]
    if (!Array.isArray(ways)) continue
    const real = ways.filter(isSchema).filter((way) => way['type'] !== 'null')
    const only = real[0]
    if (real.length === 1 && only && depth < 20) return resolve({ ...only, ...without(schema, word) }, root, depth + 1)
  }
  return schema
}

function at(root: Schema, path: string[]): Json | undefined {
  let found: Json | undefined = root
  for (const step of path) found = isSchema(found) ? found[step.replaceAll('~1', '/').replaceAll('~0', '~')] : undefined
  return found
}

function without(schema: Schema, name: string): Schema {
  const { [name]: _, ...rest } = schema
  return rest
}

function typeOf(schema: Schema): string {
  const { type } = schema
  if (typeof type === 'string') return type
  const types = Array.isArray(type) ? type.filter((one) => one !== 'null') : []
  if (types.length === 1 && typeof types[0] === 'string') return types[0]
  return isSchema(schema['properties']) ? 'object' : 'any'
}

/** `maximum_rows` and `maximumRows` are "Maximum rows" to a reader. */
export function wordsOf(name: string): string {
  const words = name.replace(/([a-z0-9])([A-Z])/g, '$1 $2').replaceAll(/[_-]+/g, ' ').toLowerCase().trim()
  return words === '' ? name : words.charAt(0).toUpperCase() + words.slice(1)
}

/** What a form begins with: the defaults that the schema names. */
export function initialOf(schema: Schema, root: Schema): Json | undefined {
  if (schema['default'] !== undefined) return schema['default']
  const shape = shapeOf(schema, root)
  if (shape.kind !== 'object' || shape.fields.length === 0) return undefined
  const found = shape.fields.flatMap((field): [string, Json][] => {
    const value = initialOf(field.schema, root)
    return value === undefined ? [] : [[field.name, value]]
  })
  return found.length > 0 ? Object.fromEntries(found) : undefined
}

/** What a new item of a list, or a required field that has just appeared, begins with. */
export function emptyOf(schema: Schema, root: Schema): Json {
  const initial = initialOf(schema, root)
  if (initial !== undefined) return initial
  const shape = shapeOf(schema, root)
  switch (shape.kind) {
    case 'text':
      return ''
    case 'number':
      return shape.minimum ?? 0
    case 'boolean':
      return false
    case 'choice':
      return shape.values[0] ?? null
    case 'object':
      return {}
    case 'list':
      return []
    case 'any':
      return null
  }
}

/** The required fields that have no value yet, as JSON pointers. */
export function missingIn(value: Json | undefined, schema: Schema, root: Schema, path = ''): string[] {
  const shape = shapeOf(schema, root)
  if (shape.kind === 'list' && Array.isArray(value)) return value.flatMap((item, index) => missingIn(item, shape.item, root, `${path}/${index}`))
  if (shape.kind !== 'object') return []
  const object = isSchema(value) ? value : {}
  return shape.fields.flatMap((field) => {
    const own = object[field.name]
    const here = `${path}/${field.name}`
    if (own === undefined || own === '') return field.isRequired ? [here] : []
    return missingIn(own, field.schema, root, here)
  })
}

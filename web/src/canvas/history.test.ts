import { describe, expect, it } from 'vitest'
import { begin, push, redo, seal, undo } from './history.ts'

describe('undo and redo', () => {
  it('goes back and forth', () => {
    const history = push(push(begin('a'), 'b'), 'c')
    expect(undo(undo(history)).present).toBe('a')
    expect(redo(undo(history)).present).toBe('c')
    expect(undo(begin('a')).present).toBe('a')
    expect(redo(begin('a')).present).toBe('a')
  })

  it('takes typing in one field back at once, and another field apart', () => {
    const typed = push(push(push(begin(''), 'n', 'name'), 'na', 'name'), 'na!', 'notes')
    expect(undo(typed).present).toBe('na')
    expect(undo(undo(typed)).present).toBe('')
  })

  it('does not join what came after a pause', () => {
    expect(undo(push(seal(push(begin(''), 'n', 'name')), 'na', 'name')).present).toBe('n')
  })

  it('forgets what was taken back when something else is done', () => {
    expect(push(undo(push(begin('a'), 'b')), 'c').future).toEqual([])
  })

  it('does not count a change that changes nothing', () => {
    const history = begin('a')
    expect(push(history, 'a')).toBe(history)
  })
})

import { createContext, type ReactNode, useContext } from 'react'

/** What the place around a form adds to its fields: what is wrong with them, and whether an expression may stand in one. */
export type FormTools = {
  problemsAt: (pointer: string) => { message: string; severity: 'error' | 'warning' }[]
  /** Absent where a value is a value: in the form that starts a run. */
  expression?: (props: { id: string; pointer: string; label: string; value: string; onChange: (value: string) => void }) => ReactNode
  isReadOnly: boolean
  /** Names of the project's services, where there is one; offered where a field asks for a service. */
  services?: readonly string[]
}

const nothing: FormTools = { problemsAt: () => [], isReadOnly: false }

export const FormContext = createContext<FormTools>(nothing)
export const useForm = (): FormTools => useContext(FormContext)

/**
 * Names of device-model variables as people type them: `Component[instance]#evse/connector.Variable[instance]`.
 * OCPP 2.0.1 Part 1, 4. Device Model.
 */

export interface Evse {
  id: number;
  connectorId?: number;
}

/** As GetVariables and SetVariables want it. */
export interface VariableAddress {
  component: { name: string; instance?: string; evse?: Evse };
  variable: { name: string; instance?: string };
}

const NAME = /^([^.[\]#]+)(?:\[([^\]]+)\])?(?:#([\d/]+))?\.([^.[\]#]+)(?:\[([^\]]+)\])?$/;
const EVSE = /^(\d{1,3})(?:\/(\d{1,3}))?$/;

/** `1` or `1/2`; null for anything else. */
export function parseEvse(text: string): Evse | null {
  const [match, id, connector] = EVSE.exec(text) ?? [];
  if (match === undefined) return null;
  return { id: Number(id), ...(connector !== undefined && { connectorId: Number(connector) }) };
}

/** null when the text is no name of a variable. */
export function parseVariable(text: string): VariableAddress | null {
  const [match, component, componentInstance, place, variable, variableInstance] = NAME.exec(text) ?? [];
  if (match === undefined || component === undefined || variable === undefined) return null;
  const evse = place === undefined ? undefined : parseEvse(place);
  if (evse === null) return null;
  return {
    component: {
      name: component,
      ...(componentInstance !== undefined && { instance: componentInstance }),
      ...(evse && { evse }),
    },
    variable: { name: variable, ...(variableInstance !== undefined && { instance: variableInstance }) },
  };
}

import type { ConfigurationSetModel } from '../ses/captured-mail.ts';
import { asObject, asString, asStrings } from '../shared/json.ts';
import type { Template } from './template.ts';

/** Reads SES's configuration sets with the types of the events that they publish to the event bus. */
export function configurationSets(template: Template): ConfigurationSetModel[] {
  const destinations = template.ofType('AWS::SES::ConfigurationSetEventDestination').map((r) => template.properties(r));
  const { partition, region, account } = template.place;
  return template.ofType('AWS::SES::ConfigurationSet').map((resource) => {
    const name =
      asString(template.properties(resource).Name) ?? asString(template.resolve({ Ref: resource.logicalId })) ?? '';
    const events = destinations
      .filter(({ ConfigurationSetName }) => asString(ConfigurationSetName) === name)
      .map(({ EventDestination }) => asObject(EventDestination))
      .filter(({ Enabled, EventBridgeDestination }) => Enabled !== false && EventBridgeDestination !== undefined)
      .flatMap(({ MatchingEventTypes }) => asStrings(MatchingEventTypes))
      .map((type) => type.replace(/([a-z])([A-Z])/g, '$1_$2').toUpperCase());
    return { name, arn: `arn:${partition}:ses:${region}:${account}:configuration-set/${name}`, events };
  });
}

export { DataProtection, DisposableOptions } from './protection/data-protection';
export { AlarmRule, IMonitored, MonitoringPlan } from './monitoring/monitored';
export { IServiceBindable, ServiceBinding, ServiceBindingContext } from './binding/service-binding';
